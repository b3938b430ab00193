using Engine.Snapshots;
using Engine.Tests.Server;
using Microsoft.Playwright;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Console;

/// <summary>What the pages say when there is nothing to show: no snapshot, a refused one, a failed task.</summary>
[Collection(OneConsole.Name)]
public sealed class ConsoleStateTests(ConsoleSite site)
{
    private const string Damaged = "20990101-n30-0badf00d";
    private const string TaskId = "20260101-000000000-abcd";

    // Without a model they have nothing to show; the others have.
    private static readonly string[] NeedModel =
    [
        "/push", "/goes-with", "/product", "/pools", "/audiences", "/tasks/new", "/placements", "/training",
    ];

    private static readonly string[] Others =
        ["/", "/tasks", "/campaign", "/customer", "/snapshots", "/traffic", "/access", "/audit"];

    [ChromiumFact]
    public async Task An_engine_without_a_snapshot_says_how_to_train_one()
    {
        await using var engine = await Start(_ => { });
        await InEachLanguage(engine, async (page, go) =>
        {
            foreach (var path in NeedModel)
            {
                Assert.Equal(503, await go(path));
                await Says(page, "Failure.NoSnapshot", "nothing is published", "trainer train");
            }

            foreach (var path in Others)
            {
                Assert.Equal(200, await go(path));
            }

            await go("/");
            await Says(page, "Failure.NoSnapshot", "nothing is published", "trainer train");
            await go("/snapshots");
            await Says(page, "Refused.Train", "trainer train");
        });
    }

    [ChromiumFact]
    public async Task A_refused_snapshot_has_its_reason_on_the_pages()
    {
        await using var engine = await Start(PublishDamaged);
        await engine.Until(Damaged, "/health");
        await InEachLanguage(engine, async (page, go) =>
        {
            foreach (var path in NeedModel.Prepend("/"))
            {
                Assert.Equal(path == "/" ? 200 : 503, await go(path));
                await Says(page, "Failure.RefusedSnapshot", Damaged);
            }

            await page.ClickAsync("main a[href='/snapshots']");
            await Says(page, "Snapshots.Title", Damaged);
        });
    }

    [ChromiumFact]
    public async Task A_model_keeps_serving_when_a_newer_one_is_refused()
    {
        await using var engine = await Start(_ => { });
        var served = await engine.PublishAndWait(RandomSnapshot.Content(seed: 1));
        PublishDamaged(engine.Root);
        await engine.Until(Damaged, "/health");
        await InEachLanguage(engine, async (page, go) =>
        {
            Assert.Equal(200, await go("/"));
            await Says(page, "Home.Behind", Damaged, served);
            Assert.Equal(200, await go("/push"));
        });
    }

    [ChromiumFact]
    public async Task A_failed_task_says_why()
    {
        await using var engine = await Start(root =>
        {
            Folder(root);
            StoredTasks.Add(new SnapshotDirectory(root), TaskId, "20250101-n30-00000000", ended: null);
        });
        await engine.Until("TASK_STATE_FAILED", $"/v1/tasks/{TaskId}");
        var task = await engine.Tasks.GetAsync(new Engine.Protos.V1.GetTaskRequest { TaskId = TaskId });
        Assert.NotEmpty(task.Error);
        await InEachLanguage(engine, async (page, go) =>
        {
            Assert.Equal(200, await go($"/tasks/{TaskId}"));
            await Says(page, "Task.FailedBecause", task.Error);
            Assert.Equal(0, await page.Locator("a[href*=download]").CountAsync());
            await go("/tasks");
            await Says(page, "Tasks.Failed", TaskId);
        });
    }

    private static Task<RunningEngine> Start(Action<string> prepare) => RunningEngine.StartEmpty(configure: options =>
    {
        options.Console = "console://127.0.0.1:0";
        prepare(options.Snapshots);
    });

    private static void PublishDamaged(string root)
    {
        var folder = Folder(root);
        File.WriteAllText(Path.Combine(folder, $"{Damaged}.snapshot"), "no snapshot at all");
        File.WriteAllText(Path.Combine(folder, "CURRENT"), Damaged);
    }

    // Where the default workspace lies.
    private static string Folder(string root) =>
        Directory.CreateDirectory(Path.Combine(root, SnapshotDirectory.DefaultWorkspace)).FullName;

    // The words of a key in the language of the page, and what the engine says.
    private static async Task Says(IPage page, string key, params string[] engine)
    {
        var language = new Engine.WebConsole.Texts.Language(await page.GetAttributeAsync("html", "lang"));
        var main = await page.InnerTextAsync("main");
        Assert.All(
            engine.Prepend(language[key]), words => Assert.Contains(words, main, StringComparison.Ordinal));
    }

    private async Task InEachLanguage(RunningEngine engine, Func<IPage, Func<string, Task<int>>, Task> visit)
    {
        var problems = new List<string>();
        foreach (var (language, width) in new[] { ("en", 1440), ("zh-Hans", 390), (PageCheck.PseudoLanguage, 1440) })
        {
            var page = await site.Open("en-US", width, language, engine.Console);
            await visit(page, async path =>
            {
                var answer = await page.GotoAsync(path);
                var at = $"{language} {width} {path}";
                problems.AddRange(await PageCheck.Problems(page, at));
                problems.AddRange(
                    language == PageCheck.PseudoLanguage ? await PageCheck.BareTexts(page, at) : []);
                return answer!.Status;
            });
            await page.Context.CloseAsync();
        }

        Assert.Empty(problems);
    }
}
