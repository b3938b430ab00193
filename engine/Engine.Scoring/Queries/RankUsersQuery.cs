using Engine.Scoring.Audiences;

namespace Engine.Scoring.Queries;

/// <summary>Who wants this product.</summary>
public sealed class RankUsersQuery
{
    /// <summary>The largest top-K.</summary>
    public const int MaximumTopK = 5_000_000;

    /// <summary>Opaque, case-sensitive.</summary>
    public string ProductId { get; set; } = "";

    /// <summary>1..5,000,000.</summary>
    public int TopK { get; set; } = 10;

    /// <summary>A saved audience, met with the snapshot that is asked; null means every user. With an inline one, both count.</summary>
    public AudienceMembers? Audience { get; set; }

    /// <summary>The inline audience, when <see cref="HasAudience"/>.</summary>
    public List<string> AudienceUserIds { get; } = [];

    /// <summary>Whether the inline audience counts; an empty one then means no user.</summary>
    public bool HasAudience { get; set; }

    /// <summary>What about users who purchased the product in the scope year.</summary>
    public PurchasedPolicy Purchased { get; set; }

    /// <summary>Count the eligible users, score nothing.</summary>
    public bool ValidateOnly { get; set; }
}
