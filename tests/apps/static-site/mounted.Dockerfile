FROM nginx:1.22
RUN --mount=type=bind,target=/src cd /src && sh build.sh /usr/share/nginx/html
WORKDIR /
