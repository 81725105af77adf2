# The shop's API
FROM node:20 AS build

# where everything is
WORKDIR /app
COPY package.json package-lock.json ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build
RUN npm prune --omit=dev

FROM node:20-slim
WORKDIR /app
COPY --from=build /app /app

LABEL org.opencontainers.image.title="shop"
ENV NODE_ENV=production
EXPOSE 3000
USER node
CMD ["npm", "start"]
