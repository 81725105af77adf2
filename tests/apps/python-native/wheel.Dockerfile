FROM python:3.11 AS build
COPY setup.py /build/
COPY speedy /build/speedy
WORKDIR /build
RUN python setup.py -q install --root=/ --prefix=/usr/local --single-version-externally-managed

FROM python:3.11-slim
COPY --from=build /usr/local/lib/python3.11 /usr/local/lib/python3.11
WORKDIR /
ENV PYTHONPATH=/usr/local/lib/python3.11/site-packages:/usr/local/local/lib/python3.11/dist-packages
CMD ["python", "-c", "import speedy; speedy.main()"]
