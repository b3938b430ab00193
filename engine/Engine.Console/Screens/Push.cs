using System.Globalization;
using Engine.Protos.V1;
using Microsoft.AspNetCore.Mvc;

namespace Engine.WebConsole.Screens;

/// <summary>
/// Push a product: who wants it, from everybody down to the keenest few, and an audience of those above a score.
/// </summary>
internal static class Push
{
    /// <summary>Where it is.</summary>
    public const string Path = "/push";

    // A tenth of the customers is what most campaigns can afford.
    private const double FirstShare = 0.1;

    /// <summary>Adds the routes.</summary>
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Show);
        app.MapPost($"{Path}/audience", Save);
        app.MapGet($"{Path}/export", Export);
    }

    private static async Task<IResult> Show(
        EngineCalls calls, string? q, string? product, string? audience, string? purchased, string? cut)
    {
        if (product is not { Length: > 0 })
        {
            return Page.Of<PushPage>(new PushFacts(q ?? "", await ProductSearch.Find(calls, q ?? ""), null));
        }

        var curve = await Curve(calls, product, audience, purchased, cut);
        return Page.Of<PushPage>(new PushFacts(q ?? "", [], curve));
    }

    private static async Task<IResult> Save(
        EngineCalls calls,
        [FromForm] string product,
        [FromForm] string? audience,
        [FromForm] string? purchased,
        [FromForm] string? cut,
        [FromForm] string? name)
    {
        var curve = await Curve(calls, product, audience, purchased, cut);
        var problem = default(Problem);
        var saved = default(Audience);
        try
        {
            var request = new SaveAudienceRequest { Workspace = calls.Workspace, Name = name?.Trim() ?? "" };
            await foreach (var user in Above(calls, curve))
            {
                request.UserIds.Add(user.UserId);
            }

            saved = await calls.Catalog.SaveAudienceAsync(request, cancellationToken: calls.Cancellation);
        }
        catch (RpcException e)
        {
            problem = Problem.Of(e);
        }

        return Page.Of<PushPage>(
            new PushFacts("", [], curve with { Name = name ?? "", Saved = saved, Problem = problem }), problem);
    }

    private static async Task<IResult> Export(
        HttpResponse response,
        EngineCalls calls,
        string product,
        string? audience,
        string? purchased,
        string? cut)
    {
        var curve = await Curve(calls, product, audience, purchased, cut);
        await using var users = Above(calls, curve).GetAsyncEnumerator();

        // What the engine refuses, it refuses before the first row.
        var hasMore = await users.MoveNextAsync();
        await FileAnswer.Begin(response, $"{product}.csv");
        await using var writer = new StreamWriter(response.Body, leaveOpen: true);
        await writer.WriteLineAsync("user_id,score,probability,percentile");
        for (; hasMore; hasMore = await users.MoveNextAsync())
        {
            var user = users.Current;
            var probability = user.HasProbability ? user.Probability.ToString("R", CultureInfo.InvariantCulture) : "";
            await writer.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"{FileAnswer.Cell(user.UserId)},{user.Score:R},{probability},{user.Percentile:R}"));
        }

        return Results.Empty;
    }

    private static async Task<PushCurve> Curve(
        EngineCalls calls, string product, string? audience, string? policy, string? cut)
    {
        var among = audience ?? "";
        var purchased = FormValue.Choice("purchased", policy, PurchasedSelect.Policies);
        var reply = await calls.Recommender.EstimateAudienceAsync(
            new EstimateAudienceRequest
            {
                Workspace = calls.Workspace,
                ProductId = product,
                Audience = among,
                Purchased = purchased,
            },
            cancellationToken: calls.Cancellation);
        var audiences = await calls.Catalog.ListAudiencesAsync(
            new ListAudiencesRequest { Workspace = calls.Workspace }, cancellationToken: calls.Cancellation);
        var first = reply.Curve.TakeWhile(point => point.UserCount > reply.EligibleCount * FirstShare).Count();
        var chosen = string.IsNullOrEmpty(cut) ? first : FormValue.Whole("cut", cut);
        var at = Math.Clamp(chosen, 0, Math.Max(0, reply.Curve.Count - 1));
        return new PushCurve(product, among, purchased, reply, [.. audiences.Audiences.Select(one => one.Name)], at);
    }

    // The curve's counts are off by those within its error of the threshold: asking for the users above a lower one
    // leaves none out.
    private static async IAsyncEnumerable<ScoredUser> Above(EngineCalls calls, PushCurve curve)
    {
        if (curve.Point is not { } point)
        {
            yield break;
        }

        var least = point.Threshold - curve.Estimate.ScoreError;
        var enough = curve.Estimate.Curve.LastOrDefault(one => one.Threshold <= least)?.UserCount
            ?? curve.Estimate.EligibleCount;
        var request = new RankUsersRequest
        {
            Workspace = calls.Workspace,
            SnapshotId = curve.Estimate.SnapshotId,
            ProductId = curve.ProductId,
            Audience = curve.Audience,
            Purchased = curve.Purchased,
            TopK = (int)Math.Max(1, enough),
        };
        using var stream = calls.Recommender.RankUsers(request, cancellationToken: calls.Cancellation);
        await foreach (var block in stream.ResponseStream.ReadAllAsync(calls.Cancellation))
        {
            foreach (var user in block.Users)
            {
                if (user.Score < point.Threshold)
                {
                    yield break;
                }

                yield return user;
            }
        }
    }
}

/// <summary>What the page shows: products to choose from, or the curve of one.</summary>
/// <param name="Query">What was searched for.</param>
/// <param name="Products">What was found.</param>
/// <param name="Curve">Of the chosen product; null before the choice.</param>
public sealed record PushFacts(string Query, IReadOnlyList<ScoredProduct> Products, PushCurve? Curve);

/// <summary>Who wants a product.</summary>
/// <param name="ProductId">The product.</param>
/// <param name="Audience">Only members of it; empty for all customers.</param>
/// <param name="Purchased">Whether its buyers count.</param>
/// <param name="Estimate">The engine's answer.</param>
/// <param name="Audiences">The saved ones, to choose from.</param>
/// <param name="Cut">The chosen point of the curve.</param>
public sealed record PushCurve(
    string ProductId,
    string Audience,
    PurchasedPolicy Purchased,
    EstimateAudienceReply Estimate,
    IReadOnlyList<string> Audiences,
    int Cut)
{
    /// <summary>The name of the audience to save.</summary>
    public string Name { get; init; } = "";

    /// <summary>The audience, once it is saved.</summary>
    public Audience? Saved { get; init; }

    /// <summary>Why it was not saved.</summary>
    public Problem? Problem { get; init; }

    /// <summary>The chosen point; null when nobody is eligible.</summary>
    public AudienceSize? Point => Estimate.Curve.Count == 0 ? null : Estimate.Curve[Cut];
}
