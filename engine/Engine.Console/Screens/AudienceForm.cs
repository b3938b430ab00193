using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>What a person entered to make an audience.</summary>
public sealed record AudienceForm
{
    /// <summary>From what customers did.</summary>
    public const string Behavior = "behavior";

    /// <summary>From saved audiences.</summary>
    public const string Combination = "combination";

    /// <summary>From the result of a task.</summary>
    public const string Result = "result";

    /// <summary>The ways to make one.</summary>
    public static readonly IReadOnlyList<string> Kinds = [Behavior, Combination, Result];

    /// <summary>The operations on audiences.</summary>
    public static readonly IReadOnlyList<AudienceOperation> Operations =
        [AudienceOperation.Union, AudienceOperation.Intersection, AudienceOperation.Difference];

    /// <summary>One of <see cref="Kinds"/>.</summary>
    public string Kind { get; init; } = Behavior;

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whether it is saved, or only counted.</summary>
    public bool IsSaved { get; init; }

    /// <summary>What the customers did.</summary>
    public IReadOnlyList<BehaviorType> Types { get; init; } = [BehaviorType.Purchase];

    /// <summary>With these products, as entered.</summary>
    public string Products { get; init; } = "";

    /// <summary>Or with the products of a rule.</summary>
    public string Rule { get; init; } = "";

    /// <summary>At least so often; empty means once. As entered.</summary>
    public string AtLeast { get; init; } = "";

    /// <summary>In the last so many days; empty means ever. As entered.</summary>
    public string Days { get; init; } = "";

    /// <summary>How audiences are combined.</summary>
    public AudienceOperation Operation { get; init; } = AudienceOperation.Union;

    /// <summary>The first of them.</summary>
    public string First { get; init; } = "";

    /// <summary>The others.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Whose result.</summary>
    public string Task { get; init; } = "";

    /// <summary>Of the customers who got this product.</summary>
    public string Product { get; init; } = "";

    /// <summary>With this score or more, as entered.</summary>
    public string LeastScore { get; init; } = "";

    /// <summary>At this rank or better; empty means any. As entered.</summary>
    public string LastRank { get; init; } = "";

    /// <summary>Reads the form.</summary>
    public static AudienceForm Of(IFormCollection form) => new()
    {
        Kind = form["kind"].ToString(),
        Name = form["name"].ToString().Trim(),
        IsSaved = form["step"] == "save",
        Types = [.. form["did"].Select(name => FormValue.Choice("types", name, CampaignForm.AllTypes))],
        Products = form["products"].ToString(),
        Rule = form["rule"].ToString().Trim(),
        AtLeast = form["least"].ToString(),
        Days = form["days"].ToString(),
        Operation = FormValue.Choice("operation", form["operation"], Operations),
        First = form["first"].ToString(),
        Others = [.. form["others"].OfType<string>()],
        Task = form["task"].ToString().Trim(),
        Product = form["product"].ToString().Trim(),
        LeastScore = form["score"].ToString().Trim(),
        LastRank = form["rank"].ToString(),
    };

    /// <summary>The same as the engine takes it.</summary>
    internal SaveAudienceRequest Request()
    {
        var request = new SaveAudienceRequest { Name = Name, ValidateOnly = !IsSaved };
        switch (Kind)
        {
            case Combination:
                request.Combination = new AudienceCombination { Operation = Operation, Audiences = { First } };
                request.Combination.Audiences.AddRange(Others.Where(name => name != First));
                break;
            case Result:
                request.Result = new ResultAudience
                {
                    TaskId = Task,
                    ProductId = Product,
                    LastRank = FormValue.Whole("last_rank", LastRank),
                };
                if (LeastScore.Length > 0)
                {
                    request.Result.LeastScore = (float)FormValue.Decimal("least_score", LeastScore);
                }

                break;
            default:
                request.Behavior = new BehaviorAudience
                {
                    AtLeast = FormValue.Whole("at_least", AtLeast),
                    WithinDays = FormValue.Whole("within_days", Days),
                    Rule = Rule,
                };
                request.Behavior.Types_.AddRange(Types);
                request.Behavior.ProductIds.AddRange(FormIds.Of(Products));
                break;
        }

        return request;
    }
}
