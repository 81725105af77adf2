FROM gcc:12 AS build
COPY count.c words.txt /src/
RUN gcc -static -O2 -o /count /src/count.c && mkdir /data && cp /src/words.txt /data/

FROM debian:12-slim
COPY --from=build /count /count
COPY --from=build /data /data
ENTRYPOINT ["/count"]
CMD ["alpha"]
