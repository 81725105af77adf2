FROM gradle:8.7-jdk17 AS build
WORKDIR /app
COPY . .
RUN --mount=type=cache,target=/home/gradle/.gradle,sharing=locked gradle bootJar --no-daemon

FROM eclipse-temurin:17-jre
WORKDIR /app
COPY --from=build /app/build/libs/app-1.0.jar /app/build/libs/app-1.0.jar
EXPOSE 8080
CMD ["java", "-jar", "build/libs/app-1.0.jar"]
