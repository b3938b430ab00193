using System.Net;
using System.Text.RegularExpressions;
using Tests.Shared;
using Form = System.Collections.Generic.Dictionary<string, string>;

namespace EndToEnd.Tests.Console;

/// <summary>Wrong input in every form: the page comes back with the words of the engine beside the field.</summary>
public sealed partial class ConsoleFormTests
{
    private static readonly Form Push = new()
    {
        ["product"] = "P3",
        ["audience"] = "",
        ["purchased"] = "Include",
        ["cut"] = "100",
        ["name"] = "x",
    };

    private static readonly Form GoesWith = new()
    {
        ["product"] = "P3",
        ["b"] = "P4",
        ["did"] = "Purchase",
        ["days"] = "",
        ["name"] = "x",
        ["rule"] = "",
        ["top"] = "10",
        ["step"] = "start",
    };

    private static readonly Form Behavior = new()
    {
        ["kind"] = "behavior",
        ["name"] = "x",
        ["step"] = "count",
        ["did"] = "Purchase",
        ["products"] = "P3",
        ["rule"] = "",
        ["least"] = "",
        ["days"] = "",
    };

    private static readonly Form Combination = new()
    {
        ["kind"] = "combination",
        ["name"] = "x",
        ["step"] = "count",
        ["operation"] = "Union",
        ["first"] = "a",
        ["others"] = "b",
    };

    private static readonly Form Result = new()
    {
        ["kind"] = "result",
        ["name"] = "x",
        ["step"] = "count",
        ["task"] = "t",
        ["product"] = "P3",
        ["score"] = "",
        ["rank"] = "",
    };

    private static readonly Form Pool = new()
    {
        ["name"] = "x",
        ["role"] = "must",
        ["tag"] = "product_id",
        ["comparison"] = "Equal",
        ["values"] = "P3",
        ["join"] = "all",
        ["ids"] = "",
        ["step"] = "count",
    };

    private static readonly Form Placement = new()
    {
        ["version"] = "0",
        ["name"] = "x",
        ["top"] = "10",
        ["minimum"] = "",
        ["pool"] = "",
        ["rule"] = "",
        ["purchased"] = "Include",
        ["source"] = "Popular",
        ["excluded"] = "",
        ["kind"] = "pin",
        ["subject"] = "P3",
        ["number"] = "1",
        ["from"] = "",
        ["to"] = "",
        ["user"] = "",
        ["basket"] = "",
        ["page"] = "",
        ["step"] = "try",
    };

    private static readonly Form NewTask = new()
    {
        ["audience"] = "",
        ["pool"] = "",
        ["rule"] = "",
        ["products"] = "",
        ["top"] = "5",
        ["purchased"] = "Include",
        ["excluded"] = "",
        ["holdout"] = "",
        ["base"] = "",
        ["lift"] = "",
        ["source"] = "",
        ["table"] = "",
        ["step"] = "estimate",
    };

    // Form, page, address, field, what is entered, where the words stand.
    private static readonly (Form Form, string Page, string Action, string Field, string? Entered, string Id)[] Cases =
    [
        (Push, "/push?product=P3", "/push/audience", "name", "a/b", "name"),
        (Push, "/push?product=P3", "/push/audience", "name", "", "name"),
        (GoesWith, "/goes-with?product=P3", "/goes-with", "b", null, "b"),
        (GoesWith, "/goes-with?product=P3", "/goes-with", "b", "none", "products"),
        (GoesWith, "/goes-with?product=P3", "/goes-with", "did", null, "did"),
        (GoesWith, "/goes-with?product=P3", "/goes-with", "days", "soon", "days"),
        (GoesWith, "/goes-with?product=P3", "/goes-with", "days", "-1", "days"),
        (GoesWith, "/goes-with?product=P3", "/goes-with", "name", "a/b", "name"),
        (GoesWith, "/goes-with?product=P3", "/goes-with", "rule", "product_id = ", "rule"),
        (Behavior, "/audiences", "/audiences", "name", "a/b", "name"),
        (Behavior, "/audiences", "/audiences", "did", null, "did"),
        (Behavior, "/audiences", "/audiences", "products", "none", "products"),
        (Behavior, "/audiences", "/audiences", "rule", "product_id = 'P3'", "rule"),
        (Behavior, "/audiences", "/audiences", "least", "often", "least"),
        (Behavior, "/audiences", "/audiences", "days", "99999999", "days"),
        (Combination, "/audiences?kind=combination", "/audiences", "others", null, "others"),
        (Combination, "/audiences?kind=combination", "/audiences", "first", "none", "others"),
        (Result, "/audiences?kind=result", "/audiences", "task", "none", "task"),
        (Result, "/audiences?kind=result", "/audiences", "score", "nan", "score"),
        (Result, "/audiences?kind=result", "/audiences", "rank", "first", "rank"),
        (Pool, "/pools", "/pools", "tag", "none", "rows"),
        (Pool, "/pools", "/pools", "values", "", "rows"),
        (Pool, "/pools", "/pools", "rule", "product_id = ", "rule"),
        (Placement, "/placements", "/placements", "top", "ten", "top"),
        (Placement, "/placements", "/placements", "minimum", "-1", "minimum"),
        (Placement, "/placements", "/placements", "pool", "none", "pool"),
        (Placement, "/placements", "/placements", "rule", "product_id = ", "rule"),
        (Placement, "/placements", "/placements", "number", "first", "rule-0"),
        (Placement, "/placements", "/placements", "from", "soon", "rule-0"),
        (NewTask, "/tasks/new", "/tasks/new", "audience", "none", "audience"),
        (NewTask, "/tasks/new", "/tasks/new", "pool", "none", "pool"),
        (NewTask, "/tasks/new", "/tasks/new", "rule", "product_id = ", "rule"),
        (NewTask, "/tasks/new", "/tasks/new", "top", "-1", "top"),
        (NewTask, "/tasks/new", "/tasks/new", "holdout", "many", "holdout"),
        (NewTask, "/tasks/new", "/tasks/new", "holdout", "100", "holdout"),
        (NewTask, "/tasks/new", "/tasks/new", "base", "most", "base"),
        (NewTask, "/tasks/new", "/tasks/new", "source", "none", "source"),
        (new(), "/sign-in", "/sign-in", "workspace", "none", "workspace"),
    ];

    [Fact]
    public async Task The_words_of_the_engine_stand_beside_the_field()
    {
        await using var engine = await Start();
        using var browser = new ConsoleBrowser(engine.Console);
        var wrong = new List<string>();
        foreach (var (form, page, action, field, entered, id) in Cases)
        {
            var sent = new Form(form);
            sent.Remove(field);
            if (entered is not null)
            {
                sent[field] = entered;
            }

            using var answer = await browser.Submit(page, sent, action);
            var shown = Words().Matches(await answer.Content.ReadAsStringAsync())
                .ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value);
            if ((int)answer.StatusCode is not (400 or 404) || string.Join(", ", shown.Keys) != $"{id}-problem")
            {
                wrong.Add(
                    $"{action} {field}='{entered}': {answer.StatusCode}, words at {string.Join(", ", shown.Keys)}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [InlineData("/customer?id=nobody", "id-problem")]
    [InlineData("/push?product=none", "is not in snapshot")]
    [InlineData("/push?product=P3&cut=x", "found cut = ")]
    [InlineData("/push?product=P3&purchased=x", "found purchased = ")]
    [InlineData("/traffic?minutes=x", "cannot read")]
    [InlineData("/pools?name=x&version=y", "cannot read")]
    [InlineData("/snapshots?after=none", "is not published")]
    [InlineData("/training?snapshot=none", "is not published")]
    [InlineData("/tasks/none", "does not exist")]
    [InlineData("/audit?before=none", "next_page_token")]
    [InlineData("/campaign?task=none&dataset=none", "does not exist")]
    public async Task An_address_that_cannot_be_answered_has_a_page_with_words(string address, string words)
    {
        await using var engine = await Start();
        using var browser = new ConsoleBrowser(engine.Console);
        using var answer = await browser.Send(HttpMethod.Get, address);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Contains(words, page, StringComparison.Ordinal);
        Assert.Contains("</html>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_without_its_token_has_a_page_with_words()
    {
        await using var engine = await Start();
        using var browser = new ConsoleBrowser(engine.Console);
        using var answer = await browser.Send(HttpMethod.Post, "/audiences", new Form(Behavior));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("Open the page again", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static Task<RunningEngine> Start() => RunningEngine.Start(
        RandomSnapshot.Content(seed: 1), configure: options => options.Console = "console://127.0.0.1:0");

    [GeneratedRegex(@"<p class=""problem"" id=""([^""]*)""[^>]*>\s*(.+?)\s*</p>", RegexOptions.Singleline)]
    private static partial Regex Words();
}
