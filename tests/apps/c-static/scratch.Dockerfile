FROM gcc:12 AS build
COPY count.c /src/
RUN gcc -static -O2 -o /count /src/count.c

FROM scratch
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
COPY --from=build /count /count
COPY words.txt /data/words.txt
ENTRYPOINT ["/count"]
CMD ["alpha"]
