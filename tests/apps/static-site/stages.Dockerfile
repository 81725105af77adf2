FROM debian:12-slim AS build
COPY . /src
WORKDIR /src
RUN sh build.sh /out

FROM nginx:1.22
COPY --from=build /out /usr/share/nginx/html
WORKDIR /
