using System.Text.Json.Nodes;
using Tests.Shared;

namespace EndToEnd.Tests;

/// <summary>
/// The commands of STOREFRONT.md and of the README, run one after the other, and what both say about their answers.
/// </summary>
public sealed class StorefrontPageTests
{
    private static string Page =>
        File.ReadAllText(Path.Combine(TestData.Root, "engine", "Engine.Server", "STOREFRONT.md"));

    [Fact]
    public async Task The_commands_of_the_page_do_what_it_says()
    {
        await using var engine = await RunningEngine.StartEmpty();
        using var folder = new TemporaryFolder();
        var blocks = Blocks(engine, Page);
        await Train(engine, folder);
        // The log of what was shown is written a moment after the replies.
        const string Report = "\nengine experiment report ";
        const string Written =
            "\ntimeout 60 sh -c 'until [ $(cat snapshots/*/shown/*.jsonl | wc -l) -ge 20 ]; do sleep 0.1; done'";
        var commands = string.Concat(blocks[1..]).Replace(Report, Written + Report, StringComparison.Ordinal);
        var output = await Run(folder, commands);
        var replies = Replies(output);

        // Three placements are saved, then the page.
        var page = replies[3]["placements"]!.AsArray();
        Assert.Equal(["hero", "for-you", "popular"], page.Select(one => (string?)one!["placement"]));
        Assert.Equal([2, 4, 3], page.Select(one => Ids(one!).Length));
        Assert.Equal(9, page.SelectMany(one => Ids(one!)).Distinct().Count());
        Assert.Equal("COF-00001", Ids(page[0]!)[0]);
        Assert.StartsWith("TEA-", Ids(page[0]!)[1], StringComparison.Ordinal);
        Assert.Equal(4, Ids(page[1]!).Select(id => id[..3]).Distinct().Count());
        Assert.Equal([2, 4, 3], replies[4]["placements"]!.AsArray().Select(one => Ids(one!).Length));
        Assert.Equal(3, replies[5]["values"]!.AsArray().Count);

        var cart = replies[7];
        Assert.Equal(3, Ids(cart).Length);
        Assert.DoesNotContain("TEA-00001", Ids(cart));

        var (before, after, again) = (replies[8], replies[10], replies[11]);
        Assert.Equal("BAB-00001", Ids(before)[0]);
        Assert.DoesNotContain("BAB-00001", Ids(after));
        Assert.Equal(before["products"]!.ToJsonString(), again["products"]!.ToJsonString());

        var arms = replies[13..33].Select(reply => (string?)reply["arm"]).ToArray();
        Assert.Equal(20, arms.Length);
        Assert.Equal(["popular", "varied"], arms.Distinct().Order());
        Assert.Equal(20, replies[13..33].Select(reply => (string?)reply["recommendationId"]).Distinct().Count());
        var fresh = replies[33]["products"]!.AsArray().Where(product => (bool?)product!["cold"] == true);
        Assert.Equal(["SKN-00012"], fresh.Select(product => (string?)product!["productId"]));
        Assert.Contains("purchases of shown products within 14 days", output, StringComparison.Ordinal);
        Assert.Contains($"│ {arms.Count(arm => arm == "varied")} ", output, StringComparison.Ordinal);
        Assert.Contains("rates may still grow", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_commands_of_the_README_show_a_home_page_a_cart_an_event_and_its_effect()
    {
        await using var engine = await RunningEngine.StartEmpty();
        using var folder = new TemporaryFolder();
        await Train(engine, folder);
        var readme = File.ReadAllText(Path.Combine(TestData.Root, "README.md"));
        var section = readme[readme.IndexOf("\n## Storefront\n", StringComparison.Ordinal)..];
        var replies = Replies(await Run(folder, Blocks(engine, section)[0]));
        Assert.Equal(7, replies.Length);
        Assert.Equal(["hero", "for-you", "cart"], replies[..3].Select(reply => (string?)reply["name"]));
        var (before, after) = (replies[3]["placements"]!.AsArray(), replies[6]["placements"]!.AsArray());
        foreach (var page in (JsonArray[])[before, after])
        {
            Assert.Equal([2, 4, 3], page.Select(one => Ids(one!).Length));
            Assert.Equal(9, page.SelectMany(one => Ids(one!)).Distinct().Count());
            Assert.Equal("COF-00001", Ids(page[0]!)[0]);
        }

        Assert.Equal(3, Ids(replies[4]).Length);
        Assert.DoesNotContain("TEA-00001", Ids(replies[4]));
        Assert.Equal("1", (string?)replies[5]["acceptedCount"]);
        Assert.Contains("BAB-00001", Ids(before[1]!));
        Assert.DoesNotContain("BAB-00001", Ids(after[1]!));
        Assert.Equal(1, (int?)after[1]!["eventCount"]);
    }

    private static string[] Ids(JsonNode placement) =>
        [.. placement["products"]!.AsArray().Select(product => (string)product!["productId"]!)];

    // With the programs that were built beside these tests, and the port of this engine.
    private static string[] Blocks(RunningEngine engine, string page) =>
    [
        .. page.Split("```sh\n")[1..].Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]
            .Replace(
                "artifacts/bin/Trainer/release/Trainer",
                $"dotnet {ProgramOutput.Built("Trainer")}",
                StringComparison.Ordinal)
            .Replace(
                "artifacts/bin/Engine.Server/release/Engine.Server",
                $"dotnet {ProgramOutput.Built("Engine.Server")}",
                StringComparison.Ordinal)
            .Replace("http://127.0.0.1:8080", engine.Http.BaseAddress!.GetLeftPart(UriPartial.Authority),
                StringComparison.Ordinal)),
    ];

    // The first block of STOREFRONT.md; the engine serves already.
    private static async Task Train(RunningEngine engine, TemporaryFolder folder)
    {
        Directory.CreateSymbolicLink(folder.File("snapshots"), engine.Root);
        var block = Blocks(engine, Page)[0];
        await Run(folder, block.Replace("engine serve --snapshots snapshots\n", "", StringComparison.Ordinal));
        await engine.Until("\"SERVING\"", "/health");
    }

    private static JsonNode[] Replies(string output)
    {
        var replies = output.Split('\n').Where(line => line.StartsWith('{'))
            .Select(line => JsonNode.Parse(line)!).ToArray();
        Assert.All(replies, reply => Assert.Null(reply["code"]));
        return replies;
    }

    private static async Task<string> Run(TemporaryFolder folder, string commands)
    {
        var run = await ProgramOutput.Of("bash", "-ec", $"cd {folder.Path}\n{commands}");
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
        return run.Output;
    }
}
