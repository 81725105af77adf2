FROM python:3.11
WORKDIR /app
COPY requirements.txt ./
RUN --mount=type=cache,id=pip-python-3.11,target=/root/.cache/pip pip install -r requirements.txt
COPY . .
CMD ["python", "app.py"]
