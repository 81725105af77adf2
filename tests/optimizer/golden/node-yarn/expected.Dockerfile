FROM node:20 AS build
WORKDIR /app
COPY package.json yarn.lock ./
RUN --mount=type=cache,target=/usr/local/share/.cache/yarn yarn install --frozen-lockfile
COPY . .
RUN yarn build
RUN --mount=type=cache,target=/usr/local/share/.cache/yarn \
    yarn install --production --ignore-scripts --prefer-offline --frozen-lockfile

FROM node:20-slim
WORKDIR /app
COPY --from=build /app /app
CMD ["node", "dist/server.js"]
