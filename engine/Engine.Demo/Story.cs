using Grpc.Core;

namespace Engine.Demo;

/// <summary>The demo from start to end: tables, training, engine, questions.</summary>
internal static class Story
{
    private const string Trainer = "trainer/Trainer";
    private const string Server = "engine/Engine.Server";

    /// <summary>Runs it; 0 when every step went well.</summary>
    /// <exception cref="DemoException">A step failed.</exception>
    public static async Task<int> Run(DemoOptions options, CancellationToken cancellation)
    {
        var root = Checkout.Root();
        if (options.Out == DemoOptions.DefaultOut && Directory.Exists(Path.Combine(root, options.Out)))
        {
            Directory.Delete(Path.Combine(root, options.Out), recursive: true);
        }

        try
        {
            var dataset = await Tables(root, options, cancellation);
            var snapshots = $"{options.Out}/snapshots";
            await ProgramRun.ToEnd(
                root,
                Trainer,
                ["train", "--dataset", dataset, "--out", snapshots, "--seed", $"{options.Seed}"],
                cancellation);
            await Ask(root, options, snapshots, cancellation);
            return 0;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Console.WriteLine("stopped");
            return 0;
        }
    }

    private static async Task<string> Tables(string root, DemoOptions options, CancellationToken cancellation)
    {
        if (options.Behavior is null && options.Product is null)
        {
            await ProgramRun.ToEnd(
                root,
                Trainer,
                [
                    "generate",
                    "--size",
                    options.Size,
                    "--seed",
                    $"{options.Seed}",
                    "--last-day",
                    $"{options.LastDay:yyyy-MM-dd}",
                    "--out",
                    $"{options.Out}/tables",
                ],
                cancellation);
            return $"{options.Out}/tables/dataset.json";
        }

        if (options.Behavior is null || options.Product is null)
        {
            throw new DemoException("found one of --behavior and --product, expected both or neither");
        }

        var dataset = $"{options.Out}/dataset.json";
        if (File.Exists(Path.Combine(root, dataset)))
        {
            Console.WriteLine(
                $"taking the mapping in {dataset}, which may hold your corrections; "
                + "delete it to have it guessed again");
            return dataset;
        }

        Directory.CreateDirectory(Path.Combine(root, options.Out));
        await ProgramRun.ToEnd(
            root,
            Trainer,
            ["init", Path.GetFullPath(options.Behavior), Path.GetFullPath(options.Product), "--out", dataset],
            cancellation);
        return dataset;
    }

    private static async Task Ask(string root, DemoOptions options, string snapshots, CancellationToken cancellation)
    {
        var endpoints = Endpoints.Choose(options.Urls);
        using var server = ProgramRun.Start(root, Server, "serve", "--snapshots", snapshots, "--urls", endpoints.Urls,
            "--console", endpoints.ConsoleUrl);
        await Health.Wait(endpoints, server, cancellation);
        try
        {
            await Questions.Ask(endpoints, cancellation);
        }
        catch (RpcException e)
        {
            throw new DemoException($"the engine answered {e.StatusCode}: {e.Status.Detail}");
        }

        if (!options.Exit)
        {
            Console.WriteLine($"\nConsole for browsers: {endpoints.Console}");
            Console.WriteLine("The engine stays up. Ctrl-C ends it.");
            await server.WaitAsync(cancellation);
            throw new DemoException("the engine ended by itself, expected it to stay up: see its message above");
        }
    }
}
