using Engine.Scoring;

using var engine = RecommendationEngine.Open(args.ElementAtOrDefault(0) ?? "snapshots");
foreach (var (product, score) in engine.Recommend(new() { UserId = args.ElementAtOrDefault(1) ?? "1", TopK = 5 }).Rows)
{
    Console.WriteLine($"{product} {score:0.000}");
}
