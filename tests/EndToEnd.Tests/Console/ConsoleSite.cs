using System.Diagnostics.CodeAnalysis;
using EndToEnd.Tests.Access;
using Engine.Server.Workspaces;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Console;

/// <summary>An engine with the console and a trained demo brand, and a browser to look at it.</summary>
[SuppressMessage("Reliability", "CA1001", Justification = "xunit calls the DisposeAsync of IAsyncLifetime.")]
public sealed class ConsoleSite : IAsyncLifetime
{
    /// <summary>The name of a dataset with purchases after those that the model knows.</summary>
    public const string Dataset = "later";

    private const float Patience = 60_000;

    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _datasets = new();
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private RunningEngine? _engine;

    /// <summary>Where the console is.</summary>
    public Uri Console => _engine!.Console;

    /// <summary>Trains, serves, starts the browser.</summary>
    public async Task InitializeAsync()
    {
        if (!File.Exists(Chromium.Program))
        {
            return;
        }

        _engine = await RunningEngine.StartEmpty(
            datasets: _datasets.Path, configure: options => options.Console = "console://127.0.0.1:0");
        await Run("generate", "--size", "tiny", "--out", _folder.Path);
        await Run(
            "train", "--dataset", $"{_folder.Path}/dataset.json", "--out", _engine.Root, "--horizon", "30");
        await Serving("");
        var described = await _engine.Snapshots.DescribeAsync(new Engine.Protos.V1.DescribeSnapshotRequest());
        WriteDataset(described.Info.WindowStart, described.Info.WindowEnd);
        // As long as a page waits for an element: a busy machine needs more than the usual five seconds.
        Assertions.SetDefaultExpectTimeout(Patience);
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Chromium.Program,
            Args = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        });
    }

    /// <summary>A page of a browser that prefers a language.</summary>
    /// <param name="locale">For example zh-CN.</param>
    /// <param name="width">Of the window, in pixels.</param>
    /// <param name="language">The language of the switch; null leaves it to the browser.</param>
    /// <param name="other">Another console; null for the one with the brand.</param>
    /// <param name="workspace">Null for the default one.</param>
    public async Task<IPage> Open(
        string locale, int width = 1440, string? language = null, Uri? other = null, string? workspace = null)
    {
        var console = (other ?? Console).ToString();
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = console,
            Locale = locale,
            ViewportSize = new ViewportSize { Width = width, Height = 900 },
            // For the checker alone, which brings its own script.
            BypassCSP = language is not null,
        });
        foreach (var (name, value) in new[] { ("console-language", language), ("console-workspace", workspace) })
        {
            if (value is not null)
            {
                await context.AddCookiesAsync([new Cookie { Name = name, Value = value, Url = console }]);
            }
        }

        var page = await context.NewPageAsync();
        page.SetDefaultTimeout(Patience);
        return page;
    }

    /// <summary>A workspace that serves the brand's model, in which nothing was saved yet.</summary>
    public async Task<string> EmptyWorkspace(string name)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_engine!.Root, name)).FullName;
        foreach (var file in Directory.GetFiles(_engine.Directory.Path, "*.snapshot"))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        }

        File.Copy(Path.Combine(_engine.Directory.Path, "CURRENT"), Path.Combine(folder, "CURRENT"));
        await Serving(name);
        return name;
    }

    /// <inheritdoc/>
    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
        if (_engine is not null)
        {
            await _engine.DisposeAsync();
        }

        _folder.Dispose();
        _datasets.Dispose();
    }

    private async Task Serving(string workspace)
    {
        var all = _engine!.Parts.GetRequiredService<WorkspaceRegistry>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!all.All.Any(one => one.ActiveId is not null && (one.Name == workspace || workspace.Length == 0)))
        {
            await Task.Delay(50, limit.Token);
        }
    }

    // A third of the customers buys tea on the first day; one buys something on the last.
    private void WriteDataset(string firstDay, string lastDay)
    {
        File.WriteAllLines(
            _datasets.File($"{Dataset}.csv"),
            [
                "user,product,time,amount",
                .. Enumerable.Range(1, 60).Select(n => $"C{3 * n:D7},TEA-00003,{firstDay},10"),
                $"C0000001,COF-00001,{lastDay},10",
            ]);
        File.WriteAllText(
            _datasets.File($"{Dataset}.json"),
            $$"""
            {
              "behavior": {
                "files": ["{{Dataset}}.csv"], "user_id": "user", "product_id": "product", "time": "time",
                "amount": "amount", "constant_type": "purchase"
              },
              "product": { "files": ["{{Dataset}}.csv"], "product_id": "product", "product_name": "product" }
            }
            """);
    }

    private static async Task Run(params string[] arguments)
    {
        var run = await ProgramOutput.Of("dotnet", [ProgramOutput.Built("Trainer"), .. arguments]);
        Assert.True(run.ExitCode == 0, run.Error + run.Output);
    }
}
