using System.Globalization;
using Engine.Protos.V1;

namespace Engine.WebConsole.Screens;

/// <summary>What a person entered to start a task.</summary>
public sealed record TaskForm
{
    /// <summary>The button that estimates.</summary>
    public const string Estimate = "estimate";

    /// <summary>The button that starts.</summary>
    public const string Start = "start";

    /// <summary>A saved audience; empty for everybody.</summary>
    public string Audience { get; init; } = "";

    /// <summary>A saved pool; empty for none.</summary>
    public string Pool { get; init; } = "";

    /// <summary>Or a rule.</summary>
    public string Rule { get; init; } = "";

    /// <summary>Or ids, as entered.</summary>
    public string Products { get; init; } = "";

    /// <summary>Products for each customer, as entered.</summary>
    public string TopK { get; init; } = "10";

    /// <summary>What about products that a customer bought.</summary>
    public PurchasedPolicy Purchased { get; init; } = PurchasedPolicy.Include;

    /// <summary>Never in the result, as entered.</summary>
    public string Excluded { get; init; } = "";

    /// <summary>The held-out percentage, as entered; empty for none.</summary>
    public string HoldOut { get; init; } = "";

    /// <summary>The percentage that buys anyway, as entered; empty asks for no advice.</summary>
    public string BaseRate { get; init; } = "";

    /// <summary>The percentage points that messages add, as entered.</summary>
    public string Lift { get; init; } = "";

    /// <summary>The source file whose database takes the rows; empty for none.</summary>
    public string Source { get; init; } = "";

    /// <summary>The table in it.</summary>
    public string Table { get; init; } = "";

    /// <summary>The pressed button.</summary>
    public string Step { get; init; } = "";

    /// <summary>Reads the form.</summary>
    public static TaskForm Of(IFormCollection form) => new()
    {
        Audience = form["audience"].ToString(),
        Pool = form["pool"].ToString(),
        Rule = form["rule"].ToString().Trim(),
        Products = form["products"].ToString(),
        TopK = form["top"].ToString(),
        Purchased = FormValue.Choice("purchased", form["purchased"], PurchasedSelect.Policies),
        Excluded = form["excluded"].ToString(),
        HoldOut = form["holdout"].ToString().Trim(),
        BaseRate = form["base"].ToString().Trim(),
        Lift = form["lift"].ToString().Trim(),
        Source = form["source"].ToString().Trim(),
        Table = form["table"].ToString().Trim(),
        Step = form["step"].ToString(),
    };

    /// <summary>The same as the engine takes it.</summary>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: a number is none.</exception>
    internal CreateTaskRequest Request()
    {
        var request = new CreateTaskRequest
        {
            Audience = Audience,
            Pool = Pool,
            PoolRule = Rule,
            TopK = FormValue.Whole("top_k", TopK),
            Purchased = Purchased,
            ValidateOnly = Step != Start,
        };
        request.PoolProductIds.AddRange(FormIds.Of(Products));
        request.ExcludeProductIds.AddRange(FormIds.Of(Excluded));
        if (HoldOut.Length > 0)
        {
            request.HoldoutShare = Share("holdout_share", HoldOut);
        }

        if (Source.Length > 0 || Table.Length > 0)
        {
            request.Table = new TableTarget { Source = Source, Table = Table };
        }

        return request;
    }

    /// <summary>How large a holdout must be; null when it is not asked.</summary>
    /// <param name="users">Of the task.</param>
    /// <exception cref="Grpc.Core.RpcException">INVALID_ARGUMENT: a number is none.</exception>
    internal PlanHoldoutRequest? Plan(long users) => BaseRate.Length == 0 && Lift.Length == 0
        ? null
        : new PlanHoldoutRequest
        {
            Users = users,
            BaseRate = Share("base_rate", BaseRate),
            Lift = Share("lift", Lift),
        };

    // As decimal, 1.1 % is .011 and not a neighbor of it.
    private static double Share(string field, string percent) =>
        decimal.TryParse(percent, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? (double)(number / 100)
            : FormValue.Decimal(field, percent) / 100;
}
