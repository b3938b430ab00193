using System.CommandLine;

var root = new RootCommand("Serves recommendation snapshots over gRPC and HTTP/JSON.");
return await root.Parse(args).InvokeAsync();
