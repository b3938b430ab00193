"""Does with the package engine_client what a test says: one JSON object as the only argument. Prints a line for each answer."""

import json
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
from engine_client import EngineClient, messages
from engine_client.addresses import Addresses
from engine_client.contract import SERVICES


def main(asked):
    if asked["do"] == "safe":
        for methods in SERVICES.values():
            for method in methods.values():
                if method.is_safe:
                    print(method.path)
        return
    if asked["do"] == "ask again":
        return ask_again()
    if asked["do"] == "answer late":
        return answer_late()
    if asked["do"] == "stream to nobody":
        return stream_to_nobody(asked["addresses"])
    if "dns" in asked:
        # The addresses of every name are the lines of that file.
        def resolve(host, port, **_):
            with open(asked["dns"], encoding="utf-8") as file:
                return [(None, None, None, "", (address, port)) for address in file.read().split()]

        socket.getaddrinfo = resolve
    hedge = asked.get("hedgeMilliseconds")
    with EngineClient(asked["addresses"], use_dns=asked.get("useDns", "dns" in asked), dns_refresh=1,
                      key=asked.get("key", ""), authority=asked.get("authority", ""),
                      hedge_after=hedge / 1000 if hedge else None,
                      refuse_older=asked.get("refuseOlder", False)) as engine:
        if asked["do"] == "stream":
            for reply in engine.recommender.rank_users(product_id=asked["product"], top_k=asked["top"]):
                for user in reply.users:
                    print(user.user_id)
        elif asked["do"] == "early and late":
            # The first user's answer comes when the second user asks again.
            with ThreadPoolExecutor() as threads:
                first = threads.submit(snapshot_of, engine, asked["users"][0])
                others = [snapshot_of(engine, asked["users"][1]) for _ in range(2)]
                print(first.result(), *others, sep="\n")
        elif asked["do"] == "saves":
            for _ in range(asked["rounds"]):
                try:
                    engine.catalog.save_pool(workspace=asked.get("workspace"), name="one", rule="product_id = 'P1'")
                    print("OK")
                except grpc.RpcError as error:
                    print(error.code().name)
            print(recommend(engine, asked["users"][0], asked))
        elif asked["do"] == "event":
            reply = engine.events.put(events=[messages.Event(
                user_id=asked["users"][0], product_id=asked["product"], time=asked["time"],
                type=messages.EventType.Value("EVENT_TYPE_PURCHASE"))])
            print(reply.accepted_count, len(reply.refused))
        else:
            for _ in range(asked.get("rounds", 1)):
                for user in asked["users"]:
                    print(user, recommend(engine, user, asked), sep="\t", flush=True)
                if asked.get("pauses"):
                    print("paused", flush=True)
                    if not sys.stdin.readline():
                        break


# The fourth wait would end after the call. On a busy machine an attempt before it may do so, too: then once more.
def stream_to_nobody(addresses):
    for _ in range(20):
        with EngineClient(addresses, attempts=5) as engine:
            try:
                next(engine.recommender.rank_users(product_id="P1", timeout=0.5))
            except grpc.RpcError as error:
                code = error.code().name
        if code != "DEADLINE_EXCEEDED":
            break
    print(code)


def snapshot_of(engine, user):
    try:
        return engine.recommender.recommend(user_id=user).snapshot_id
    except grpc.RpcError as error:
        return error.code().name


# DNS is asked again, however long its last answer takes.
def ask_again():
    calls = []
    socket.getaddrinfo = lambda *_, **__: (calls.append(1), time.sleep(0.5))[:0]
    addresses = Addresses("engines.test", 1, 60, lambda found: None)
    addresses.wait(0.2)
    addresses.ask_again()
    time.sleep(3)
    addresses.close()
    print(len(calls))


# No engine is left open when DNS answers after the end.
def answer_late():
    closed = threading.Event()

    def resolve(host, port, **_):
        closed.wait()
        return [(None, None, None, "", ("127.0.0.1", port))]

    socket.getaddrinfo = resolve
    engine = EngineClient(["http://engines.test:1"], use_dns=True)
    snapshot = threading.Thread(target=lambda: print(recommend(engine, "U", {"timeoutSeconds": 1})))
    snapshot.start()
    snapshot.join()
    engine.close()
    closed.set()
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join()
    print(sum(not one.is_closed.is_set() for one in engine._engines.all))


# The products; with a snapshot, which one answers, and which one answers when that one is asked for.
def recommend(engine, user, asked):
    ask, snapshot = engine.recommender.recommend, asked.get("snapshot")
    try:
        reply = ask(workspace=asked.get("workspace"), user_id=user, top_k=3, timeout=asked.get("timeoutSeconds"))
        if snapshot:
            return f"{reply.snapshot_id} {ask(user_id=user, snapshot_id=snapshot, top_k=3).snapshot_id}"
        return " ".join(product.product_id for product in reply.products)
    except grpc.RpcError as error:
        return error.code().name


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
