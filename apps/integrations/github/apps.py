from django.apps import AppConfig


class GithubConfig(AppConfig):
    name = "apps.integrations.github"
    label = "github"
    verbose_name = "GitHub"
