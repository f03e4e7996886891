from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('rotations', '0012_cycles_watched'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='override',
            options={'ordering': ['starts_at', 'pk'], 'permissions': [('take_shift', 'Can take shifts of the own teams')]},
        ),
    ]
