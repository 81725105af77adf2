FROM node:18 AS build
WORKDIR /srv/api
COPY . .
RUN node build.js

FROM node:18-slim
WORKDIR /srv/api
COPY --from=build /srv/api/package.json ./
COPY --from=build /srv/api/node_modules ./node_modules
COPY --from=build /srv/api/dist ./dist
ENV NODE_ENV=production
EXPOSE 3000
CMD ["node", "dist/server.js"]
