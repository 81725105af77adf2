FROM python:3.11
RUN --mount=type=bind,target=/context cp -r /context /build && cd /build \
    && python setup.py -q install --root=/ --prefix=/usr/local --single-version-externally-managed && rm -rf /build
WORKDIR /
ENV PYTHONPATH=/usr/local/lib/python3.11/site-packages:/usr/local/local/lib/python3.11/dist-packages
CMD ["python", "-c", "import speedy; speedy.main()"]
