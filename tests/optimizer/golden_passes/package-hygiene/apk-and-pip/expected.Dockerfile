FROM python:3.12-alpine
RUN apk add --no-cache git
RUN python -m venv /v && /v/bin/pip install --no-cache-dir flask
CMD ["python", "app.py"]
