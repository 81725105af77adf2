FROM gcc:12 AS build
WORKDIR /src
COPY . .
RUN make
RUN make install

FROM debian:bookworm-slim
WORKDIR /src
COPY --from=build /src /src
COPY --from=build /usr/local/bin/hello /usr/local/bin/hello
COPY --from=build /usr/local/lib/libhello.so.1 /usr/local/lib/libhello.so.1
RUN ln -sf libhello.so.1 /usr/local/lib/libhello.so \
    && ldconfig
USER nobody
ENTRYPOINT ["hello"]
