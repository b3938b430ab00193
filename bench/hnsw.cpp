// Times hnswlib, built for this machine, on raw float32 rows: `peers.py` compiles and runs it.
//
// usage: hnsw ITEMS.f32 QUERIES.f32 FACTORS TOP THREADS INDEX
//
// Builds the graph (M 24 and efConstruction 200, above 200,000 items 16 and 100) on all threads, or reads it from INDEX when that
// file exists. Then one thread searches with growing ef. Prints "recall ef p50" (microseconds) for the first ef that reaches a
// recall of .95 and of .99 against brute force.
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <set>
#include <thread>
#include <vector>

using Clock = std::chrono::steady_clock;

static std::vector<float> read(const char* path) {
    std::vector<float> values(std::filesystem::file_size(path) / sizeof(float));
    std::ifstream(path, std::ios::binary).read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(float));
    return values;
}

static std::set<hnswlib::labeltype> best(const std::vector<float>& items, const float* query, size_t factors, size_t top) {
    std::vector<float> scores(items.size() / factors);
    for (size_t i = 0; i < scores.size(); i++)
        scores[i] = std::inner_product(query, query + factors, &items[i * factors], 0.f);
    std::vector<hnswlib::labeltype> order(scores.size());
    std::iota(order.begin(), order.end(), 0);
    std::partial_sort(order.begin(), order.begin() + top, order.end(), [&](auto a, auto b) { return scores[a] > scores[b]; });
    return {order.begin(), order.begin() + top};
}

int main(int count, char** arguments) {
    if (count != 7) {
        std::fprintf(stderr, "found %d arguments; expected ITEMS.f32 QUERIES.f32 FACTORS TOP THREADS INDEX\n", count - 1);
        return 2;
    }
    auto items = read(arguments[1]), queries = read(arguments[2]);
    size_t factors = std::atoi(arguments[3]), top = std::atoi(arguments[4]), threads = std::atoi(arguments[5]);
    size_t rows = items.size() / factors, asked = queries.size() / factors;
    std::string index = arguments[6];
    bool many = rows > 200000;

    hnswlib::InnerProductSpace space(factors);
    std::unique_ptr<hnswlib::HierarchicalNSW<float>> graph;
    if (std::filesystem::exists(index)) {
        graph = std::make_unique<hnswlib::HierarchicalNSW<float>>(&space, index, false, rows);
    } else {
        auto start = Clock::now();
        graph = std::make_unique<hnswlib::HierarchicalNSW<float>>(&space, rows, many ? 16 : 24, many ? 100 : 200);
        graph->addPoint(items.data(), 0);
        std::atomic<size_t> next{1};
        std::vector<std::thread> workers;
        for (size_t t = 0; t < threads; t++)
            workers.emplace_back([&] {
                for (size_t i; (i = next++) < rows;) graph->addPoint(&items[i * factors], i);
            });
        for (auto& worker : workers) worker.join();
        std::fprintf(stderr, "built in %.0f s\n", std::chrono::duration<double>(Clock::now() - start).count());
        graph->saveIndex(index);
    }

    std::vector<std::set<hnswlib::labeltype>> truth;
    for (size_t q = 0; q < asked; q++) truth.push_back(best(items, &queries[q * factors], factors, top));

    std::vector<double> goals{.95, .99}, times(asked);
    for (size_t ef = std::max(top, size_t{16}), goal = 0; goal < goals.size() && ef < 4096; ef = ef * 3 / 2) {
        graph->setEf(ef);
        size_t found = 0;
        for (size_t q = 0; q < asked; q++) {
            auto start = Clock::now();
            auto result = graph->searchKnn(&queries[q * factors], top);
            times[q] = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
            for (; !result.empty(); result.pop()) found += truth[q].count(result.top().second);
        }
        double recall = double(found) / (asked * top);
        std::nth_element(times.begin(), times.begin() + asked / 2, times.end());
        for (; goal < goals.size() && recall >= goals[goal]; goal++) std::printf("%.4f %zu %.3f\n", recall, ef, times[asked / 2]);
    }
}
