"""Does with the package engine_client what a test says: one JSON object as the only argument. Prints a line for each answer."""

import json
import sys

import grpc
from engine_client import EngineClient, messages
from engine_client.contract import SERVICES


def main(asked):
    if asked["do"] == "safe":
        for methods in SERVICES.values():
            for method in methods.values():
                if method.is_safe:
                    print(method.path)
        return
    hedge = asked.get("hedgeMilliseconds")
    with EngineClient(asked["addresses"], key=asked.get("key", ""), authority=asked.get("authority", ""),
                      hedge_after=hedge / 1000 if hedge else None) as engine:
        if asked["do"] == "stream":
            for reply in engine.recommender.rank_users(product_id=asked["product"], top_k=asked["top"]):
                for user in reply.users:
                    print(user.user_id)
        elif asked["do"] == "saves":
            for _ in range(asked["rounds"]):
                try:
                    engine.catalog.save_pool(name="one", rule="product_id = 'P1'")
                    print("OK")
                except grpc.RpcError as error:
                    print(error.code().name)
            print(recommend(engine, asked["users"][0]))
        elif asked["do"] == "event":
            reply = engine.events.put(events=[messages.Event(
                user_id=asked["users"][0], product_id=asked["product"], time=asked["time"],
                type=messages.EventType.Value("EVENT_TYPE_PURCHASE"))])
            print(reply.accepted_count, len(reply.refused))
        else:
            for _ in range(asked.get("rounds", 1)):
                for user in asked["users"]:
                    print(user, recommend(engine, user), sep="\t", flush=True)
                if asked.get("pauses"):
                    print("paused", flush=True)
                    sys.stdin.readline()


def recommend(engine, user):
    try:
        return " ".join(product.product_id for product in engine.recommender.recommend(user_id=user, top_k=3).products)
    except grpc.RpcError as error:
        return error.code().name


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
