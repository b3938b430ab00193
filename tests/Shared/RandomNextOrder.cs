using Engine.Snapshots.Manifest;
using Engine.Snapshots.Writing;

namespace Tests.Shared;

/// <summary>Sound terms of the next order, for the content of <see cref="RandomSnapshot"/>.</summary>
internal static class RandomNextOrder
{
    /// <summary>The terms.</summary>
    public static NextOrderTerms Terms { get; } = new()
    {
        Phases = [0, 0.5, 1, 2],
        Counts = [1, 3],
        HalfLives = [15, 45],
        Orders = Process([0.9, 0.2, -0.1, 0.3, 0.1]),
        Products = Process([0.8, 0.4]),
        ExpectedScores = [-3, 0, 2],
        ExpectedOrders = [0.1, 0.6, 3],
        Evaluation = new NextOrderReport(
            "2021-07-03",
            "2021-08-01",
            40,
            10,
            11.5,
            14,
            15.5,
            [new NextOrderRow("order", "served", 0.7, 0.5, 0.4)],
            [new DateErrorRow("served", 6.5)],
            [new ReliabilityBin(0.2, 0.25)]),
    };

    /// <summary>The content with the terms.</summary>
    public static SnapshotContent With(SnapshotContent content) => content with
    {
        NextOrder = Terms,
        ProductTiming =
            [.. Enumerable.Range(0, content.ProductIds.Count).SelectMany(p => new[] { 20f + p, 0.5f + (p * 0.05f) })],
    };

    private static RenewalTerms Process(double[] weights) => new()
    {
        MeanInterval = 30,
        Hazards = [0.2, 0.5, 0.8, 0.3, 0.4, 1.5, 2, 0.6],
        Weights = weights,
        Constant = -0.5,
        Probability = new CalibrationTerms
        {
            Method = "isotonic",
            Scores = [-4, -1, 1],
            Probabilities = [0.01, 0.3, 0.9],
        },
    };
}
