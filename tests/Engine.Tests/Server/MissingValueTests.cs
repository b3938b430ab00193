using System.Text.Json.Nodes;
using Engine.Campaigns.Experiments;
using Engine.Scoring.Placements;
using Engine.Scoring.Pools;
using Engine.Server.Catalog;
using Engine.Server.Contract;
using Engine.Server.Tasks;
using Engine.Snapshots;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>
/// Each value of each stored document, set to null or taken away: either it is named as a problem, or what was read can
/// be described. No damaged document fails the list of all others.
/// </summary>
public sealed class MissingValueTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Pools_placements_and_experiments_are_read_whole_or_named()
    {
        var catalog = new WorkspaceCatalog(_folder.Path);
        catalog.Pools.Save(new PoolDefinition("tea", "price > 1", ["P1", "P2"]));
        catalog.Placements.Save(new PlacementDefinition("hero")
        {
            ExcludedProductIds = ["P1"],
            Rules = [new() { Kind = PlacementRuleKind.Pin, ProductId = "P2", Place = 1 }],
        });
        catalog.Experiments.Save(new ExperimentDefinition("home") { Arms = [new("a", "hero", "", 1)] });
        Try("pools", () =>
        {
            var problems = new List<string>();
            Assert.All(
                catalog.Pools.List(problems),
                pool => Assert.DoesNotContain(null, pool.ProductIds.Append(pool.Name).Append(pool.Rule)));
            return problems.Count;
        });
        Try("placements", () =>
        {
            var problems = new List<string>();
            Assert.All(
                catalog.Placements.List(problems),
                one => Assert.DoesNotContain(null, one.ExcludedProductIds.Append(one.Name).Append(one.Pool)));
            return problems.Count;
        });
        Try("experiments", () =>
        {
            var problems = new List<string>();
            Assert.All(catalog.Experiments.List(problems), one => ExperimentAnswers.ToProto(one));
            return problems.Count;
        });
    }

    [Fact]
    public void Blocked_products_are_read_whole_or_named()
    {
        new BlockedStore(_folder.Path).Change(replace: true, [], ["P1", "P2"]);
        Try("", () =>
        {
            var store = new BlockedStore(_folder.Path);
            if (store.Problem is not null)
            {
                return 1;
            }

            BlockedAnswers.Describe(store.Current);
            return 0;
        });
    }

    [Fact]
    public void Tasks_are_read_whole_or_named()
    {
        var directory = new SnapshotDirectory(_folder.Path);
        StoredTasks.Add(directory, "20260101-000000000-aaaa", "s1", ended: 1);
        Try("default/tasks", () =>
        {
            var (store, problems) = (new TaskStore(directory.Path), new List<string>());
            foreach (var record in store.Load(problems))
            {
                TaskAnswers.Describe(record);
                try
                {
                    var question = store.Question(record.Id);
                    Assert.DoesNotContain(null, question.Excluded);
                    Assert.DoesNotContain(null, question.Blocked);
                }
                catch (InputException e)
                {
                    problems.Add(e.Message);
                }
            }

            return problems.Count;
        });
    }

    // Changes each value of each document below a folder, and puts it back.
    private void Try(string folder, Func<int> problems)
    {
        Assert.Equal(0, problems());
        var named = 0;
        foreach (var path in Directory.GetFiles(
            Path.Combine(_folder.Path, folder), "*.json", SearchOption.AllDirectories))
        {
            var text = File.ReadAllText(path);
            var count = Places(JsonNode.Parse(text)!).Count();
            for (var place = 0; place < 2 * count; place++)
            {
                var document = JsonNode.Parse(text)!;
                var node = Places(document).ElementAt(place / 2);
                Change(node, take: place % 2 == 1);
                File.WriteAllText(path, document.ToJsonString());
                named += problems();
            }

            File.WriteAllText(path, text);
        }

        Assert.Equal(0, problems());
        Assert.InRange(named, 1, int.MaxValue);
    }

    private static IEnumerable<(JsonNode Parent, object Key)> Places(JsonNode? node) => node switch
    {
        JsonObject all => all.SelectMany(pair => Places(pair.Value).Prepend((all, pair.Key))),
        JsonArray all => all.SelectMany((value, index) => Places(value).Prepend((all, index))),
        _ => [],
    };

    private static void Change((JsonNode Parent, object Key) place, bool take)
    {
        if (place is (JsonObject all, string name))
        {
            if (take)
            {
                all.Remove(name);
            }
            else
            {
                all[name] = null;
            }
        }
        else if (place is (JsonArray list, int index) && !take)
        {
            list[index] = null;
        }
    }
}
