FROM python:3.13-slim

RUN useradd --create-home --uid 1000 inboxdeck && mkdir /data && chown inboxdeck /data
WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock
COPY --chown=inboxdeck . .
USER inboxdeck
ENV PYTHONUNBUFFERED=1 DATA_DIR=/data
EXPOSE 8000
CMD ["gunicorn", "agency.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--threads", "8", "--graceful-timeout", "8", "--no-control-socket", "--forwarded-allow-ips", ""]
