using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>What a person entered to tell the customers of A about B.</summary>
public sealed record CampaignForm
{
    /// <summary>The button that counts.</summary>
    public const string CountOnly = "count";

    /// <summary>The button that saves the audience.</summary>
    public const string Save = "save";

    /// <summary>The button that saves the audience and leads to the estimate of the task.</summary>
    public const string Plan = "plan";

    /// <summary>The button that starts the task.</summary>
    public const string Start = "start";

    /// <summary>Behavior that a campaign may begin with.</summary>
    public static readonly IReadOnlyList<BehaviorType> AllTypes =
        [BehaviorType.Purchase, BehaviorType.Favorite, BehaviorType.Cart, BehaviorType.View];

    /// <summary>Product A.</summary>
    public string Product { get; init; } = "";

    /// <summary>The products B.</summary>
    public IReadOnlyList<string> Products { get; init; } = [];

    /// <summary>What the customers did with A.</summary>
    public IReadOnlyList<BehaviorType> Types { get; init; } =
        [BehaviorType.Purchase, BehaviorType.Favorite, BehaviorType.Cart];

    /// <summary>In the last so many days, as entered; empty means ever.</summary>
    public string Days { get; init; } = "";

    /// <summary>The name of the audience.</summary>
    public string Name { get; init; } = "";

    /// <summary>The rule of the products to recommend; empty means the products B.</summary>
    public string Rule { get; init; } = "";

    /// <summary>Products for each customer, with a rule; as entered.</summary>
    public string TopK { get; init; } = "10";

    /// <summary>The pressed button.</summary>
    public string Step { get; init; } = "";

    /// <summary>The audience of those who did A.</summary>
    public string DidName => $"{Name}.did";

    /// <summary>The audience of those who own B.</summary>
    public string OwnsName => $"{Name}.owns";

    /// <summary>Reads the form.</summary>
    public static CampaignForm Of(IFormCollection form) => new()
    {
        Product = form["product"].ToString(),
        Products = [.. form["b"].OfType<string>()],
        Types = [.. form["did"].Select(name => FormValue.Choice("types", name, AllTypes))],
        Days = form["days"].ToString(),
        Name = form["name"].ToString().Trim(),
        Rule = form["rule"].ToString().Trim(),
        TopK = form["top"].ToString(),
        Step = form["step"].ToString(),
    };
}

/// <summary>How many customers a campaign has.</summary>
/// <param name="Did">Those who did A.</param>
/// <param name="Owns">Those who own B.</param>
/// <param name="Target">The first without the second.</param>
/// <param name="Saved">The same, once it is saved.</param>
public sealed record CampaignSize(Audience Did, Audience Owns, Audience Target, Audience? Saved);

/// <summary>The products that go with one.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Reply">The engine's answer.</param>
public sealed record RelatedFacts(string ProductId, RelatedProductsReply Reply);

/// <summary>What the page shows.</summary>
/// <param name="Query">What was searched for.</param>
/// <param name="Found">What was found.</param>
/// <param name="Related">Of the chosen product; null before the choice.</param>
/// <param name="Form">The campaign.</param>
/// <param name="Size">Its customers, once they are counted.</param>
public sealed record GoesWithFacts(
    string Query, IReadOnlyList<ScoredProduct> Found, RelatedFacts? Related, CampaignForm Form, CampaignSize? Size)
{
    /// <summary>The field of the problem that no B is ticked, which the console finds itself.</summary>
    public const string NoneTicked = "b";

    /// <summary>What the engine refused.</summary>
    public Problem? Problem { get; init; }
}
