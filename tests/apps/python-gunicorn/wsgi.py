import bottle

application = bottle.Bottle()


@application.get("/items/<name>")
def item(name):
    return {"item": name, "stock": 7}
