FROM gcc:12
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/root/.ccache,id=greeter make && make install
WORKDIR /
USER nobody
ENTRYPOINT ["greeter"]
CMD ["friend"]
