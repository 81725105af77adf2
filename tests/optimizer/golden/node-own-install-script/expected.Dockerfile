FROM node:20 AS build
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/root/.npm npm install

FROM node:20-slim
WORKDIR /app
COPY --from=build /app /app
CMD ["node", "index.js"]
