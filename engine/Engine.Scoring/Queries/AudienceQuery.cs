namespace Engine.Scoring.Queries;

/// <summary>Recommend products for a whole audience. Reusable.</summary>
public sealed class AudienceQuery
{
    /// <summary>The audience.</summary>
    public UserFilter Users { get; } = new();

    /// <summary>Which products compete.</summary>
    public ProductFilter Filter { get; } = new();

    /// <summary>1..10,000.</summary>
    public int TopK { get; set; } = 10;

    /// <summary>Fill <see cref="RecommendAnswer.Explanations"/>: the terms of the mean score.</summary>
    public bool Explain { get; set; }

    /// <summary>Count members and eligible products, score nothing.</summary>
    public bool ValidateOnly { get; set; }
}
