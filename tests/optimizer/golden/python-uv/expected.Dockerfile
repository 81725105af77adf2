FROM python:3.12 AS build
WORKDIR /app
RUN --mount=type=cache,id=pip-python-3.12,target=/root/.cache/pip pip install uv
COPY . .
RUN --mount=type=cache,id=uv-python-3.12,target=/root/.cache/uv uv sync --frozen --no-dev

FROM python:3.12-slim
WORKDIR /app
COPY --from=build /usr/local/lib/python3.12/site-packages /usr/local/lib/python3.12/site-packages
COPY --from=build /usr/local/bin /usr/local/bin
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH
CMD ["python", "main.py"]
