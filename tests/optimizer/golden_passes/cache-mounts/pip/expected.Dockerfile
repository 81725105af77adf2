FROM python:3.12-slim-bookworm
WORKDIR /app
COPY requirements.txt .
RUN --mount=type=cache,id=pip-debian-bookworm,target=/root/.cache/pip \
    pip install \
    -r requirements.txt
COPY . .
CMD ["python", "app.py"]
