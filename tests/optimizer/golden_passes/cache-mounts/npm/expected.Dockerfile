FROM node:20
WORKDIR /app
COPY package*.json ./
# Exactly what is locked.
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
CMD ["node", "server.js"]
