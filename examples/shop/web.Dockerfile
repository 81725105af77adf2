# syntax=docker/dockerfile:1
ARG NODE_VERSION=20

FROM node:${NODE_VERSION} as Build
WORKDIR app
ARG API_URL
ENV API_URL=$API_URL
COPY web/ ./
RUN npm install
RUN npm run build

FROM nginx:latest
COPY --from=0 /app/dist /usr/share/nginx/html
COPY nginx.conf /etc/nginx/conf.d/default.conf
RUN apt-get update && apt-get install -y curl
HEALTHCHECK CMD curl -f http://localhost/ || exit 1
EXPOSE 80/TCP
