FROM node:18 AS build
WORKDIR /srv/api
COPY . .
RUN node build.js

FROM node:18-slim
COPY --from=build /srv/api /srv/api
WORKDIR /srv/api
ENV NODE_ENV=production
EXPOSE 3000
CMD ["node", "dist/server.js"]
