FROM node:20 AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build
RUN apt-get update && apt-get install -y nginx && cp -r dist/* /var/www/html/

FROM node:20-slim
WORKDIR /app
RUN apt-get update \
    && apt-get install -y nginx \
    && rm -rf /var/lib/apt/lists/*
COPY --from=build /app /app
COPY --from=build /var/www/html /var/www/html
EXPOSE 80
CMD ["nginx", "-g", "daemon off;"]
