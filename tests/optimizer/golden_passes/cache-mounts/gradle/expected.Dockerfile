FROM gradle:8-jdk17 AS build
WORKDIR /src
COPY . .
RUN --mount=type=cache,target=/home/gradle/.gradle,sharing=locked gradle --no-daemon jar
FROM eclipse-temurin:17-jre
COPY --from=build /src/build/libs/a.jar /a.jar
CMD ["java", "-jar", "/a.jar"]
