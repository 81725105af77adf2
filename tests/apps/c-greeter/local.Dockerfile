FROM gcc:12 AS build
WORKDIR /src
COPY Makefile *.c *.h words.txt ./
RUN make && make install

FROM debian:12-slim
COPY --from=build /usr/local/ /usr/local/
RUN ldconfig
WORKDIR /
USER nobody
ENTRYPOINT ["greeter"]
CMD ["friend"]
