FROM python:3.11 AS build
WORKDIR /build
COPY . .
RUN python setup.py -q install --root=/ --prefix=/usr/local --single-version-externally-managed

FROM python:3.11-slim
COPY --from=build /usr/local/ /usr/local/
WORKDIR /
ENV PYTHONPATH=/usr/local/lib/python3.11/site-packages:/usr/local/local/lib/python3.11/dist-packages
CMD ["python", "-c", "import speedy; speedy.main()"]
