FROM gcc:12 AS build
WORKDIR /src
COPY . .
RUN make
RUN make install

FROM debian:12-slim
COPY --from=build /usr/local/bin/greeter /usr/local/bin/greeter
COPY --from=build /usr/local/lib/ /usr/local/lib/
COPY --from=build /usr/local/share/greeter /usr/local/share/greeter
RUN ldconfig
WORKDIR /
USER nobody
ENTRYPOINT ["greeter"]
CMD ["friend"]
