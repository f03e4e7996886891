FROM python:3.11-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app

COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

COPY . .
# Settings refuse to start without these; the files that are collected depend on none of them.
RUN SECRET_KEY=only-while-building-0123456789-abcdefghijklmnopqrstuvwxyz ALLOWED_HOSTS=localhost \
    BASE_URL=https://localhost DATABASE_URL=embedded python manage.py collectstatic --no-input --verbosity 0 \
    && useradd --system --create-home supportops

USER supportops
EXPOSE 8000
CMD ["gunicorn", "supportops.wsgi", "--bind", "0.0.0.0:8000"]
