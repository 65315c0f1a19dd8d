FROM python:3.13-slim

ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
COPY requirements.txt ./
RUN pip install --require-hashes -r requirements.txt
COPY . .
# Only to gather the assets: these values are never used to serve.
RUN mkdir -p staticfiles \
    && DEMO=true python manage.py collectstatic --noinput -v0 \
    && useradd --system --no-create-home clearfill \
    && mkdir /keys /checkpoints && chown clearfill /keys /checkpoints
USER clearfill
EXPOSE 8000
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--workers", "2"]
