FROM python:3.12-slim
COPY --from=ghcr.io/astral-sh/uv:0.5 /uv /bin/
WORKDIR /app
COPY . .
RUN --mount=type=cache,id=uv-python-3.12-slim,target=/root/.cache/uv uv sync --frozen
CMD ["python", "app.py"]
