namespace Trainer.Models.Trees;

/// <summary>Settings of <see cref="BoostedTrees"/>.</summary>
public sealed record TreeOptions
{
    /// <summary>Trees.</summary>
    public int Trees { get; init; } = 60;

    /// <summary>Leaves of a tree at most.</summary>
    public int Leaves { get; init; } = 16;

    /// <summary>What share of a tree's step is taken.</summary>
    public double LearningRate { get; init; } = 0.1;

    /// <summary>Rows of a leaf at least.</summary>
    public int LeastRows { get; init; } = 100;

    /// <summary>Added to a leaf's sum of second derivatives: small leaves take small steps.</summary>
    public double Ridge { get; init; } = 20;
}
